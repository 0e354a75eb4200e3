/*
 * An upstream of RPC in any protocol that has ids: one thread, epoll; answers every request with a copy of one frame
 * under the request's id. It costs a fraction of what a proxy costs.
 *
 *   rpcup PORT ANSWER ID_AT LENGTHS REQUEST_ID_AT
 *
 * ANSWER is a file with the frame, LENGTHS the rule of requests (frames.h).
 */
#include "wire.h"
#include "frames.h"

static uint8_t *answer;
static int answer_length, id_at, request_id_at;
static Rule lengths;

static void take(Wire *w) {
  int at = 0, length;
  while ((length = whole_frame(&lengths, w, at)) > 0) {
    uint8_t *frame = room(w, answer_length);
    memcpy(frame, answer, (size_t)answer_length);
    memcpy(frame + id_at, w->in + at + request_id_at, 4);
    at += length;
  }
  drop_front(w, at);
}

static int listen_on(int port) {
  struct sockaddr_in address = loopback(port);
  int one = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 4096)) die("listen");
  return server;
}

static void accept_all(int server) {
  for (int fd; (fd = accept4(server, NULL, NULL, 0)) >= 0;) {
    Wire *w = calloc(1, sizeof *w);
    if (!w) die("memory");
    adopt(w, fd);
  }
}

int main(int count, char **arguments) {
  if (count < 6) refuse("usage: rpcup PORT ANSWER ID_AT LENGTHS REQUEST_ID_AT");
  answer = read_frame(arguments[2], &answer_length);
  id_at = atoi(arguments[3]);
  lengths = read_rule(arguments[4]);
  request_id_at = atoi(arguments[5]);
  poll_fd = epoll_create1(0);
  int server = listen_on(atoi(arguments[1]));
  struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, server, &listening);
  for (;;) {
    int ready = epoll_wait(poll_fd, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      Wire *w = events[i].data.ptr;
      if (w == NULL) {
        accept_all(server);
        continue;
      }
      serve(w, events[i].events);
      if (!w->closed) continue;
      close(w->fd);
      free(w->out);
      free(w);
    }
  }
}
