package demo.tulle;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The case of a callback argument. */
public final class Callback {
  private static final int WATCHES = 10;

  private Callback() {}

  /**
   * Two processes are called back at the same time, each for what it watches.
   *
   * @param address the server's, for the other process, which runs the case {@code watch} alone.
   */
  public static void runTwice(Watched watched, String address) throws Exception {
    List<String> command = new ArrayList<>(List.of("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "demo.tulle.Main"));
    command.addAll(List.of("client", address, "watch"));
    Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      while (other.isAlive()) run(watched);
      String said = new String(other.getInputStream().readAllBytes());
      if (!said.contains("\nok watch")) throw new AssertionError("the other process said " + said);
    } finally {
      other.destroyForcibly();
    }
  }

  /** Watches things one after the other. */
  public static void run(Watched watched) throws Exception {
    for (int i = 0; i < WATCHES; i++) watch(watched, ProcessHandle.current().pid() + ": " + i);
  }

  private static void watch(Watched watched, String name) throws Exception {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    String answer =
        watched.watch(
            name,
            what -> {
              seen.add(what);
              return "thanks for " + what;
            });
    Cases.same(answer, "thanks for " + name + " 1");
    long end = System.nanoTime() + 2_000_000_000L;
    while (seen.size() < 3 && System.nanoTime() < end) Thread.sleep(5);
    Cases.same(String.join(", ", seen), name + " 1, " + name + " 2, " + name + " 3");
  }
}
