package demo.tulle;

/** A callback argument: the server calls it at the client. */
public interface Watcher {
  String seen(String what);
}
