package demo.tulle;

/** A client at work: the service as its framework calls it, and how the framework tells things. */
public interface Client {
  /** The service; {@code fire} goes one-way, and {@code sleep} has a time-out of {@link Cases#SHORT_MS}. */
  Echo echo();

  /** Whether this is how the framework says that a call took too long. */
  boolean isTimeout(Throwable error);

  /** Why this client cannot run a case; null when it can. */
  default String cannot(String name) {
    return null;
  }

  /** A case of its framework alone. */
  default void run(String name) throws Exception {
    throw new IllegalArgumentException("no case " + name);
  }
}
