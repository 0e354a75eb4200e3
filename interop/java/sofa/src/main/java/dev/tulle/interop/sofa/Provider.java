package dev.tulle.interop.sofa;

import com.alipay.sofa.rpc.config.ProviderConfig;
import com.alipay.sofa.rpc.config.ServerConfig;
import java.util.concurrent.atomic.AtomicInteger;

/** A SOFARPC provider: {@code Provider PORT}. */
public final class Provider {
  public static void main(String[] args) {
    ServerConfig server =
        new ServerConfig()
            .setProtocol("bolt")
            .setHost("127.0.0.1")
            .setPort(Integer.parseInt(args[0]))
            .setDaemon(false);
    new ProviderConfig<Basket>()
        .setInterfaceId(Basket.class.getName())
        .setRef(new Shelf())
        .setServer(server)
        .setRegister(false)
        .export();
    System.out.println("\nlistening");
  }

  private static final class Shelf implements Basket {
    private final AtomicInteger notes = new AtomicInteger();

    @Override
    public String echo(String text) {
      return text;
    }

    @Override
    public int plus(int a, int b) {
      return a + b;
    }

    @Override
    public byte[] data(byte[] data) {
      return data;
    }

    @Override
    public String fail(String why) {
      throw new IllegalStateException(why);
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

    @Override
    public void note(String text) {
      notes.incrementAndGet();
    }

    @Override
    public int noted() {
      return notes.get();
    }
  }
}
