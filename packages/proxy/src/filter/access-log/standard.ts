/**
 * The descriptor behind `/dev/stdout` and `/dev/stderr`, null for a file. They are written to by descriptor because
 * opening them by name fails where they are sockets, as they are under many supervisors.
 */
export function standardFd(path: string): 1 | 2 | null {
  if (path === '/dev/stdout') return 1
  return path === '/dev/stderr' ? 2 : null
}
