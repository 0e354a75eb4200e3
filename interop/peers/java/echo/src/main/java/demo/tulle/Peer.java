package demo.tulle;

import java.util.logging.Level;
import java.util.logging.Logger;

/** A program of one framework, as both sides. */
public abstract class Peer {
  /** Listens on this port of 127.0.0.1, and returns. */
  protected abstract void serve(int port) throws Exception;

  /** A client of the service there. */
  protected abstract Client connect(String host, int port) throws Exception;

  /** {@code server PORT} or {@code client HOST:PORT CASE,…}. */
  protected final void run(String[] args) throws Exception {
    Logger.getLogger("").setLevel(Level.SEVERE);
    if (args[0].equals("server")) {
      serve(Integer.parseInt(args[1]));
      System.out.println("\nready");
      Thread.currentThread().join();
    }
    String[] address = args[1].split(":");
    Client client = connect(address[0], Integer.parseInt(address[1]));
    System.out.println();
    new Cases(client).run(args[2].split(","));
    System.out.flush();
    // Threads of frameworks would keep it, and what they do at the end is of no interest.
    Runtime.getRuntime().halt(0);
  }
}
