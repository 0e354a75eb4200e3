package dev.tulle.interop.bolt;

import com.alipay.remoting.BizContext;
import com.alipay.remoting.rpc.RpcServer;
import com.alipay.remoting.rpc.protocol.SyncUserProcessor;
import java.util.concurrent.atomic.AtomicInteger;

/** A Bolt server: {@code Server PORT}. */
public final class Server {
  public static void main(String[] args) {
    RpcServer server = new RpcServer("127.0.0.1", Integer.parseInt(args[0]));
    server.registerUserProcessor(new Clerk());
    server.startup();
    System.out.println("listening");
  }

  private static final class Clerk extends SyncUserProcessor<Order> {
    private final AtomicInteger oneways = new AtomicInteger();

    @Override
    public Object handleRequest(BizContext context, Order order) throws Exception {
      switch (order.wish) {
        case "fail":
          throw new IllegalStateException("out of stock");
        case "sleep":
          Thread.sleep(3000);
          return order;
        case "note":
          oneways.incrementAndGet();
          return null;
        case "count":
          return String.valueOf(oneways.get());
        default:
          return order;
      }
    }

    @Override
    public String interest() {
      return Order.class.getName();
    }
  }
}
