package demo.tulle;

import java.util.Arrays;
import java.util.List;
import org.apache.dubbo.config.ArgumentConfig;
import org.apache.dubbo.config.MethodConfig;

/** Apache Dubbo 3.3. Words before the usual ones: the protocol, and the serialization or {@code protobuf}. */
public final class Main extends Peer {
  private static final String VERSION = "1.0.0";

  private final Dubbo dubbo;

  public static void main(String[] args) throws Exception {
    Loopback.pin();
    String[] rest = Arrays.copyOfRange(args, 2, args.length);
    if (args[1].equals("protobuf")) new ProtobufPeer(new Dubbo(args[0], "hessian2")).run(rest);
    else new Main(new Dubbo(args[0], args[1])).run(rest);
  }

  private Main(Dubbo dubbo) {
    this.dubbo = dubbo;
  }

  @Override
  protected void serve(int port) {
    dubbo.export(Echo.class, VERSION, new EchoService(), port);
    dubbo.export(Watched.class, VERSION, new WatchedService(), port, watch());
  }

  @Override
  protected Client connect(String host, int port) {
    Echo echo = dubbo.refer(Echo.class, VERSION, host, port);
    return new Client() {
      @Override
      public Echo echo() {
        return echo;
      }

      @Override
      public boolean isTimeout(Throwable error) {
        return Dubbo.isTimeout(error);
      }

      @Override
      public String cannot(String name) {
        return name.equals("callback") ? "Dubbo 3 finds out about callback arguments from a registry alone" : null;
      }
    };
  }

  /** The second argument is called by the server. */
  private static MethodConfig watch() {
    ArgumentConfig callback = new ArgumentConfig();
    callback.setIndex(1);
    callback.setCallback(true);
    MethodConfig method = Dubbo.method("watch");
    method.setArguments(List.of(callback));
    return method;
  }
}
