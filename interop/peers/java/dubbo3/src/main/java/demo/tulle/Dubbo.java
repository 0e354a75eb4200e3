package demo.tulle;

import java.util.List;
import org.apache.dubbo.config.ApplicationConfig;
import org.apache.dubbo.config.MethodConfig;
import org.apache.dubbo.config.ProtocolConfig;
import org.apache.dubbo.config.ReferenceConfig;
import org.apache.dubbo.config.RegistryConfig;
import org.apache.dubbo.config.ServiceConfig;
import org.apache.dubbo.rpc.RpcException;
import org.apache.dubbo.rpc.StatusRpcException;
import org.apache.dubbo.rpc.TriRpcStatus;

/** Dubbo 3 with one protocol and one serialization, and no registry. */
final class Dubbo {
  private final ApplicationConfig application = new ApplicationConfig("tulle");
  private final String protocol;
  private final String serialization;

  Dubbo(String protocol, String serialization) {
    this.protocol = protocol;
    this.serialization = serialization;
    application.setQosEnable(false);
  }

  /** @param version null when callers do not name one. */
  <T> void export(Class<T> type, String version, T service, int port, MethodConfig... methods) {
    ProtocolConfig place = new ProtocolConfig(protocol, port);
    place.setHost("127.0.0.1");
    place.setQueues(2000);
    place.setSerialization(serialization);
    // It refuses what it does not name.
    place.setPreferSerialization("hessian2,fastjson2");
    ServiceConfig<T> config = new ServiceConfig<>();
    config.setApplication(application);
    config.setRegistry(new RegistryConfig(RegistryConfig.NO_AVAILABLE));
    config.setProtocol(place);
    config.setScope("remote");
    config.setInterface(type);
    config.setVersion(version);
    config.setRef(service);
    config.setMethods(List.of(methods));
    config.setCallbacks(1000);
    config.export();
  }

  /** The service there: {@code fire} is one-way, and {@code sleep} has the short time-out. */
  <T> T refer(Class<T> type, String version, String host, int port) {
    MethodConfig fire = method("fire");
    fire.setReturn(false);
    MethodConfig sleep = method("sleep");
    sleep.setTimeout(Cases.SHORT_MS);
    ReferenceConfig<T> config = new ReferenceConfig<>();
    config.setApplication(application);
    // What a registry would tell of the service.
    String words = "?serialization=" + serialization + "&prefer.serialization=" + serialization;
    config.setUrl(protocol + "://" + host + ":" + port + "/" + type.getName() + words);
    config.setInterface(type);
    config.setVersion(version);
    config.setTimeout(Cases.LONG_MS);
    config.setRetries(0);
    config.setMethods(List.of(fire, sleep));
    return config.get();
  }

  static MethodConfig method(String name) {
    MethodConfig method = new MethodConfig();
    method.setName(name);
    return method;
  }

  /** Triple says it by a status where {@code dubbo://} has a kind of exception. */
  static boolean isTimeout(Throwable error) {
    for (Throwable each = error; each != null; each = each.getCause()) {
      if (each instanceof StatusRpcException status
          && status.getStatus().code == TriRpcStatus.Code.DEADLINE_EXCEEDED) return true;
      if (each instanceof RpcException rpc && rpc.isTimeout()) return true;
    }
    return false;
  }
}
