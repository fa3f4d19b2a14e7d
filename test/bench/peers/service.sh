# The time protocol on stdin and stdout: for tcpserver and socat, which start a program per client.
# dash has no strftime, so the time costs one more process.
while IFS= read -r line; do
  case $line in
  time?) printf '%s\r\n' "$(date '+%Y/%m/%d %H:%M:%S')" ;;
  quit?)
    printf 'quit\r\n'
    exit
    ;;
  esac
done
