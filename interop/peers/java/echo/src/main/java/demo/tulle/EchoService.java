package demo.tulle;

import java.util.concurrent.atomic.AtomicInteger;

/** What every server in Java answers. */
public class EchoService implements Echo {
  private final AtomicInteger fired = new AtomicInteger();

  @Override
  public String echo(String text) {
    return text;
  }

  @Override
  public Order nested(Order order) {
    return order;
  }

  @Override
  public String fail(String why) {
    throw new IllegalStateException(why);
  }

  @Override
  public String nothing() {
    return null;
  }

  @Override
  public void fire(String text) {
    fired.incrementAndGet();
  }

  @Override
  public int fired() {
    return fired.get();
  }

  @Override
  public String sleep(int ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException error) {
      throw new IllegalStateException(error);
    }
    return "awake";
  }
}
