package dev.tulle.interop.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes checks and prints a line for each: {@code passed SENTENCE}, or {@code failed SENTENCE: WHY}. */
public final class Checks {
  /** What finds out whether a sentence is true: it throws when it is not. */
  public interface Check {
    void find() throws Exception;
  }

  private final String prefix;

  /** @param prefix stands before every sentence. */
  public Checks(String prefix) {
    this.prefix = prefix;
  }

  public void check(String sentence, Check check) {
    try {
      check.find();
      System.out.println("passed " + prefix + sentence);
    } catch (Throwable error) {
      System.out.println("failed " + prefix + sentence + ": " + oneLine(error));
    }
  }

  public static void same(Object found, Object wanted) {
    if (!wanted.equals(found)) throw new AssertionError(found + " is not " + wanted);
  }

  /** The error that the call ends with; fails when it ends well. */
  public static Throwable failure(Check call) {
    try {
      call.find();
    } catch (Throwable error) {
      return error;
    }
    throw new AssertionError("the call did not fail");
  }

  /** Does the same on so many threads at once; fails with the first that fails. */
  public static void together(int count, Callable<?> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < count; i++) ends.add(threads.submit(work));
      for (Future<?> end : ends) end.get();
    } finally {
      threads.shutdownNow();
    }
  }

  private static String oneLine(Throwable error) {
    Throwable cause = error.getCause();
    String why = error + (cause == null ? "" : " because of " + cause);
    return why.replaceAll("\\s+", " ");
  }
}
