package demo.tulle;

import com.weibo.api.motan.config.ProtocolConfig;
import com.weibo.api.motan.config.RefererConfig;
import com.weibo.api.motan.exception.MotanAbstractException;
import com.weibo.api.motan.exception.MotanErrorMsgConstant;
import com.weibo.api.motan.proxy.CommonClient;
import java.util.Map;

/** A referer of the service at one address. */
final class MotanClient implements Client {
  private final Echo echo;

  private MotanClient(Echo echo) {
    this.echo = echo;
  }

  /** With the interface, whose objects hessian2 writes. */
  static Client hessian2(String protocol, String address) {
    return new MotanClient(refer(Echo.class, null, address, protocol(protocol, "hessian2", "int")));
  }

  /** Without an interface, as other languages call it; a call then does not name its parameters. */
  static Client simple(String address) {
    ProtocolConfig protocol = protocol("motan2", "simple", "null");
    return new MotanClient(new SimpleEcho(refer(CommonClient.class, Echo.class, address, protocol)));
  }

  @Override
  public Echo echo() {
    return echo;
  }

  @Override
  public boolean isTimeout(Throwable error) {
    return error instanceof MotanAbstractException motan
        && motan.getErrorCode() == MotanErrorMsgConstant.SERVICE_TIMEOUT_ERROR_CODE;
  }

  @Override
  public String cannot(String name) {
    return name.equals("oneway") ? "Motan for Java never sends one-way" : null;
  }

  /** @param sleep the parameters of {@code sleep}, as a call words them. */
  private static ProtocolConfig protocol(String name, String serialization, String sleep) {
    ProtocolConfig protocol = new ProtocolConfig();
    protocol.setId(name);
    protocol.setName(name);
    protocol.setSerialization(serialization);
    protocol.setRequestTimeout(Cases.LONG_MS);
    protocol.setRetries(0);
    protocol.setHaStrategy("failover");
    protocol.setLoadbalance("roundrobin");
    protocol.setEndpointFactory("motan");
    protocol.setParameters(
        Map.of("methodconfig.sleep(" + sleep + ").requestTimeout", String.valueOf(Cases.SHORT_MS)));
    return protocol;
  }

  private static <T> T refer(Class<T> type, Class<?> service, String address, ProtocolConfig protocol) {
    RefererConfig<T> referer = new RefererConfig<>();
    referer.setInterface(type);
    if (service != null) referer.setServiceInterface(service.getName());
    referer.setGroup(Main.GROUP);
    referer.setProtocol(protocol);
    referer.setDirectUrl(address);
    referer.setAsyncInitConnection(false);
    return referer.getRef();
  }
}
