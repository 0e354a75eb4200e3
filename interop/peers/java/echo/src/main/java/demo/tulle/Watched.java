package demo.tulle;

/** A service that calls its client back, for protocols that can. */
public interface Watched {
  /** The watcher hears of three things, while the call lasts and after it. */
  String watch(String name, Watcher watcher);
}
