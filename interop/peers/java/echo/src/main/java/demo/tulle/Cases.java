package demo.tulle;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs cases by their names and prints a line for each. */
public final class Cases {
  /** The time-out of {@link Echo#sleep} at every client. */
  public static final int SHORT_MS = 300;

  /** The time-out of everything else. */
  public static final int LONG_MS = 10_000;

  private static final int FIRES = 20;
  private static final int CALLS = 1000;

  private final Client client;
  private final Echo echo;

  public Cases(Client client) {
    this.client = client;
    this.echo = client.echo();
  }

  public void run(String... names) {
    for (String name : names) {
      String cause = client.cannot(name);
      if (cause != null) System.out.println("skip " + name + ": " + cause);
      else System.out.println(outcome(name));
    }
  }

  private String outcome(String name) {
    try {
      run(name);
      return "ok " + name;
    } catch (Throwable error) {
      return "not ok " + name + ": " + oneLine(error);
    }
  }

  private void run(String name) throws Exception {
    switch (name) {
      case "echo" -> {
        for (String text : List.of("hello", "héllo 你好", "an apple: 🍎", "")) same(echo.echo(text), text);
      }
      case "nested" -> {
        List<Item> items = List.of(new Item("apple", 3), new Item("péar", 70_000));
        for (String note : new String[] {"ring twice", null}) {
          Order order = new Order("o-1", new ArrayList<>(items), note);
          same(echo.nested(order), order);
        }
      }
      case "exception" -> exception();
      case "null" -> same(echo.nothing(), null);
      case "large" -> large();
      case "oneway" -> oneway();
      case "timeout" -> timeout();
      case "concurrent" -> concurrent();
      default -> client.run(name);
    }
  }

  private void exception() {
    Throwable error = failure(() -> echo.fail("out of stock"));
    if (client.isTimeout(error) || !whole(error).contains("out of stock"))
      throw new AssertionError("it is another one", error);
  }

  private void large() {
    String text = "0123456789abcdef".repeat(1 << 16);
    String back = echo.echo(text);
    if (!text.equals(back)) throw new AssertionError("another text of " + back.length());
  }

  private void oneway() throws Exception {
    int before = echo.fired();
    for (int i = 0; i < FIRES; i++) echo.fire("apple");
    long end = System.nanoTime() + 2_000_000_000L;
    while (echo.fired() < before + FIRES && System.nanoTime() < end) Thread.sleep(20);
    same(echo.fired() - before, FIRES);
  }

  private void timeout() {
    long begun = System.nanoTime();
    Throwable error = failure(() -> echo.sleep(2000));
    long ms = (System.nanoTime() - begun) / 1_000_000;
    if (!client.isTimeout(error)) throw new AssertionError("it is another one", error);
    if (ms > 1500) throw new AssertionError("it took " + ms + " ms");
    same(echo.echo("still"), "still");
  }

  private void concurrent() throws Exception {
    together(
        CALLS,
        i -> {
          String text = "call " + i;
          same(echo.echo(text), text);
        });
  }

  /** Does it so many times at once; fails with the first that fails. */
  public static void together(int count, Numbered work) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(count, (run) -> new Thread(null, run, "caller", 256 * 1024));
    CyclicBarrier start = new CyclicBarrier(count);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        Callable<Void> call =
            () -> {
              start.await();
              work.run(number);
              return null;
            };
        ends.add(threads.submit(call));
      }
      for (Future<?> end : ends) end.get();
    } finally {
      threads.shutdownNow();
    }
  }

  /** A piece of work that knows its number. */
  public interface Numbered {
    void run(int number) throws Exception;
  }

  public static void same(Object found, Object wanted) {
    if (wanted == null ? found != null : !wanted.equals(found))
      throw new AssertionError(found + " is not " + wanted);
  }

  /** The error that the call ends with; fails when it ends well. */
  public static Throwable failure(Callable<?> call) {
    Object answer;
    try {
      answer = call.call();
    } catch (Throwable error) {
      return error;
    }
    throw new AssertionError("the call did not fail, but gave " + answer);
  }

  /** Whether such an exception is among it and its causes. */
  public static boolean among(Throwable error, Class<? extends Throwable> kind) {
    for (Throwable each = error; each != null; each = each.getCause()) if (kind.isInstance(each)) return true;
    return false;
  }

  private static String whole(Throwable error) {
    StringBuilder text = new StringBuilder();
    for (Throwable each = error; each != null; each = each.getCause()) text.append(each).append("; ");
    return text.toString();
  }

  /** The error and, where it has causes, the one that began it. */
  private static String oneLine(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null && root.getCause() != root) root = root.getCause();
    String text = shorter(error) + (root == error ? "" : " because of " + shorter(root));
    return text.replaceAll("\\s+", " ");
  }

  private static String shorter(Throwable error) {
    String text = error.toString();
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }
}
