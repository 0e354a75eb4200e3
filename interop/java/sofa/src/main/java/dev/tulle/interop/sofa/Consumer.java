package dev.tulle.interop.sofa;

import static dev.tulle.interop.checks.Checks.failure;
import static dev.tulle.interop.checks.Checks.same;
import static dev.tulle.interop.checks.Checks.together;

import com.alipay.sofa.rpc.common.RpcConstants;
import com.alipay.sofa.rpc.config.ConsumerConfig;
import com.alipay.sofa.rpc.config.MethodConfig;
import com.alipay.sofa.rpc.core.exception.SofaTimeOutException;
import dev.tulle.interop.checks.Checks;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A SOFARPC consumer: {@code Consumer PORT PREFIX ERROR}. The last is what an exception of this provider says: SOFARPC
 * cannot read those of sofa-rpc-node, whose class is another one, and says that.
 */
public final class Consumer {
  private final Basket basket;
  private final String error;

  private Consumer(Basket basket, String error) {
    this.basket = basket;
    this.error = error;
  }

  public static void main(String[] args) {
    MethodConfig note = new MethodConfig().setName("note").setInvokeType(RpcConstants.INVOKER_TYPE_ONEWAY);
    MethodConfig sleep = new MethodConfig().setName("sleep").setTimeout(500);
    Basket basket =
        new ConsumerConfig<Basket>()
            .setInterfaceId(Basket.class.getName())
            .setProtocol("bolt")
            .setDirectUrl("bolt://127.0.0.1:" + args[0])
            .setRegister(false)
            .setTimeout(10_000)
            .setMethods(List.of(note, sleep))
            .refer();
    System.out.println();
    new Consumer(basket, args[2]).check(new Checks(args[1]));
    System.exit(0);
  }

  private void check(Checks checks) {
    checks.check("a text comes back", () -> same(basket.echo("héllo 你好"), "héllo 你好"));
    checks.check("numbers are added", () -> same(basket.plus(40, 2), 42));
    checks.check("1 MiB comes back whole", this::mebibyte);
    checks.check("an exception of the provider is one at the consumer", this::exception);
    checks.check("a one-way call arrives", this::oneway);
    checks.check("a call that takes too long ends at its time-out", this::timeout);
    checks.check("the connection goes on after a time-out", () -> same(basket.echo("still"), "still"));
    checks.check("two hundred calls at once each get their own answer", () -> together(200, this::echoes));
  }

  private void mebibyte() {
    byte[] data = new byte[1 << 20];
    new Random(7).nextBytes(data);
    same(Arrays.equals(basket.data(data), data), true);
  }

  private void exception() {
    Throwable thrown = failure(() -> basket.fail("out of stock"));
    if (!String.valueOf(thrown.getMessage()).contains(error))
      throw new AssertionError("it is another one", thrown);
  }

  private void oneway() throws Exception {
    int before = basket.noted();
    for (int i = 0; i < 20; i++) basket.note("apple");
    for (int i = 0; i < 100 && basket.noted() < before + 20; i++) Thread.sleep(20);
    same(basket.noted() - before, 20);
  }

  private void timeout() {
    Throwable error = failure(() -> basket.sleep(3000));
    if (!(error instanceof SofaTimeOutException)) throw new AssertionError("it is another one", error);
  }

  /** Ten calls, each with a text of its own. */
  private Void echoes() {
    for (int i = 0; i < 10; i++) {
      String text = Thread.currentThread().getName() + " " + i;
      same(basket.echo(text), text);
    }
    return null;
  }
}
