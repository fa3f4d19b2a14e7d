<?php
/**
 * A process per client as PHP does it: `php fork.php PORT`. The pcntl_fork server of the old
 * tutorials, repaired: children are reaped at once, a signal does not end the accept loop, and each
 * process closes the other's socket.
 */

$listener = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
socket_set_option($listener, SOL_SOCKET, SO_REUSEADDR, 1);
if (!@socket_bind($listener, '127.0.0.1', (int) $argv[1]) || !socket_listen($listener, 511)) {
    fwrite(STDERR, socket_strerror(socket_last_error($listener)) . "\n");
    exit(1);
}

pcntl_async_signals(true);
// Without restart: the handler runs when accept returns, and it has to return for that.
pcntl_signal(SIGCHLD, 'reap', false);

for (;;) {
    $client = @socket_accept($listener);
    if ($client === false) {
        continue; // EINTR, or a client that has gone already
    }
    $pid = pcntl_fork();
    if ($pid === 0) {
        socket_close($listener);
        serve($client);
        socket_close($client);
        exit(0);
    }
    socket_close($client);
}

function reap(): void
{
    while (pcntl_waitpid(-1, $status, WNOHANG) > 0);
}

function serve(Socket $client): void
{
    $unread = '';
    while (($bytes = @socket_read($client, 4096)) !== false && $bytes !== '') {
        $lines = explode("\r\n", $unread . $bytes);
        $unread = array_pop($lines);
        foreach ($lines as $line) {
            if ($line === 'time') {
                socket_write($client, date('Y/m/d H:i:s') . "\r\n");
            } elseif ($line === 'quit') {
                socket_write($client, "quit\r\n");
                return;
            }
        }
    }
}
