package demo.tulle;

import java.util.List;
import org.apache.dubbo.config.ApplicationConfig;
import org.apache.dubbo.config.ArgumentConfig;
import org.apache.dubbo.config.MethodConfig;
import org.apache.dubbo.config.ProtocolConfig;
import org.apache.dubbo.config.ReferenceConfig;
import org.apache.dubbo.config.RegistryConfig;
import org.apache.dubbo.config.ServiceConfig;
import org.apache.dubbo.rpc.RpcException;

/** Apache Dubbo 2.7, {@code dubbo://} with hessian2. */
public final class Main extends Peer {
  /** What a registry would tell of the service: the second argument is called by the server. */
  private static final String WORDS = "?watch.1.callback=true&callbacks=1000";

  private final ApplicationConfig application = new ApplicationConfig("tulle");

  public static void main(String[] args) throws Exception {
    Loopback.pin();
    new Main().run(args);
  }

  private Main() {
    application.setQosEnable(false);
  }

  @Override
  protected void serve(int port) {
    ProtocolConfig protocol = new ProtocolConfig("dubbo", port);
    protocol.setHost("127.0.0.1");
    protocol.setQueues(2000);
    export(Echo.class, new EchoService(), protocol, List.of());
    export(Watched.class, new WatchedService(), protocol, List.of(watch()));
  }

  @Override
  protected Client connect(String host, int port) {
    String place = "dubbo://" + host + ":" + port + "/";
    MethodConfig fire = method("fire");
    fire.setReturn(false);
    MethodConfig sleep = method("sleep");
    sleep.setTimeout(Cases.SHORT_MS);
    Echo echo = refer(Echo.class, place, List.of(fire, sleep));
    return new Client() {
      @Override
      public Echo echo() {
        return echo;
      }

      @Override
      public boolean isTimeout(Throwable error) {
        return error instanceof RpcException rpc && rpc.isTimeout();
      }

      @Override
      public void run(String name) throws Exception {
        Watched watched = refer(Watched.class, place, List.of());
        switch (name) {
          case "callback" -> Callback.runTwice(watched, host + ":" + port);
          case "watch" -> Callback.run(watched);
          default -> throw new IllegalArgumentException("no case " + name);
        }
      }
    };
  }

  private <T> void export(Class<T> type, T service, ProtocolConfig protocol, List<MethodConfig> methods) {
    ServiceConfig<T> config = new ServiceConfig<>();
    config.setApplication(application);
    config.setRegistry(new RegistryConfig(RegistryConfig.NO_AVAILABLE));
    config.setProtocol(protocol);
    config.setScope("remote");
    config.setInterface(type);
    config.setVersion("1.0.0");
    config.setRef(service);
    config.setMethods(methods);
    config.setCallbacks(1000);
    config.export();
  }

  private <T> T refer(Class<T> type, String place, List<MethodConfig> methods) {
    ReferenceConfig<T> config = new ReferenceConfig<>();
    config.setApplication(application);
    config.setUrl(place + type.getName() + WORDS);
    config.setInterface(type);
    config.setVersion("1.0.0");
    config.setTimeout(Cases.LONG_MS);
    config.setRetries(0);
    config.setMethods(methods);
    return config.get();
  }

  private static MethodConfig method(String name) {
    MethodConfig method = new MethodConfig();
    method.setName(name);
    return method;
  }

  /** The second argument is called by the server. */
  private static MethodConfig watch() {
    ArgumentConfig callback = new ArgumentConfig();
    callback.setIndex(1);
    callback.setCallback(true);
    MethodConfig method = method("watch");
    method.setArguments(List.of(callback));
    return method;
  }
}
