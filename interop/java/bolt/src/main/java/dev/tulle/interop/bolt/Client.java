package dev.tulle.interop.bolt;

import static dev.tulle.interop.checks.Checks.failure;
import static dev.tulle.interop.checks.Checks.same;
import static dev.tulle.interop.checks.Checks.together;

import com.alipay.remoting.exception.RemotingException;
import com.alipay.remoting.rpc.RpcClient;
import com.alipay.remoting.rpc.exception.InvokeServerException;
import com.alipay.remoting.rpc.exception.InvokeTimeoutException;
import dev.tulle.interop.checks.Checks;
import java.util.Arrays;
import java.util.Random;

/** Bolt clients of every version: {@code Client PORT}. */
public final class Client {
  private static final int PATIENCE_MS = 10_000;

  private final RpcClient client;
  private final String url;

  /** A client keeps one connection an address, whatever the version: each version has a client of its own. */
  private Client(String url) {
    this.url = url;
    client = new RpcClient();
    client.startup();
  }

  public static void main(String[] args) {
    String address = "127.0.0.1:" + args[0];
    new Client(address + "?_PROTOCOL=1&_VERSION=1").check("version 1: ");
    new Client(address + "?_PROTOCOL=2&_VERSION=1").check("version 2: ");
    new Client(address + "?_PROTOCOL=2&_VERSION=2").check("version 2 with CRC: ");
    System.exit(0);
  }

  private void check(String prefix) {
    Checks checks = new Checks(prefix);
    checks.check("an order comes back", () -> echo(new byte[10]));
    checks.check("an order without data comes back", () -> same(call("echo", null).wish, "echo"));
    checks.check("an order of 1 MiB comes back whole", () -> echo(new byte[1 << 20]));
    checks.check("an exception of the server is one at the client", this::exception);
    checks.check("a one-way order arrives", this::oneway);
    checks.check("a call that takes too long ends at its time-out", this::timeout);
    checks.check("the connection goes on after a time-out", () -> echo(new byte[10]));
    checks.check("two hundred calls at once each get their own answer", () -> together(200, this::echoes));
  }

  private void echo(byte[] data) throws Exception {
    new Random(data.length).nextBytes(data);
    Order back = call("echo", data);
    same(Arrays.equals(back.data, data), true);
  }

  /** Ten calls, each with data of its own. */
  private Void echoes() throws Exception {
    for (int i = 0; i < 10; i++) {
      String wish = Thread.currentThread().getName() + " " + i;
      same(call(wish, new byte[i * 100]).wish, wish);
    }
    return null;
  }

  private void exception() {
    Throwable error = failure(() -> call("fail", null));
    if (!(error instanceof InvokeServerException) || !String.valueOf(error.getCause()).contains("out of stock"))
      throw new AssertionError("it is another one", error);
  }

  private void oneway() throws Exception {
    int before = noted();
    for (int i = 0; i < 20; i++) client.oneway(url, new Order("note", null));
    for (int i = 0; i < 100 && noted() < before + 20; i++) Thread.sleep(20);
    same(noted() - before, 20);
  }

  private int noted() throws Exception {
    return Integer.parseInt((String) client.invokeSync(url, new Order("count", null), PATIENCE_MS));
  }

  private void timeout() {
    long begun = System.nanoTime();
    Throwable error = failure(() -> client.invokeSync(url, new Order("sleep", null), 300));
    long ms = (System.nanoTime() - begun) / 1_000_000;
    if (!(error instanceof InvokeTimeoutException) && !(error instanceof RemotingException))
      throw new AssertionError("it is another one", error);
    same(ms < 2500, true);
  }

  private Order call(String wish, byte[] data) throws Exception {
    return (Order) client.invokeSync(url, new Order(wish, data), PATIENCE_MS);
  }
}
