package demo.tulle;

/** Calls its client back: once before it answers, twice after that. */
public class WatchedService implements Watched {
  @Override
  public String watch(String name, Watcher watcher) {
    String first = watcher.seen(name + " 1");
    new Thread(
            () -> {
              watcher.seen(name + " 2");
              watcher.seen(name + " 3");
            })
        .start();
    return first;
  }
}
