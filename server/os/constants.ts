/** Constants of Linux that several files need, the same on x64 and arm64. */

// socket(2), socketpair(2)
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_CLOEXEC = 0o2000000;

// setsockopt(2), recv(2)
export const SOL_SOCKET = 1;
export const MSG_DONTWAIT = 0x40;

// open(2)
export const O_CLOEXEC = 0o2000000;
