package demo.tulle;

import com.alipay.sofa.rpc.common.RpcConstants;
import com.alipay.sofa.rpc.config.ConsumerConfig;
import com.alipay.sofa.rpc.config.MethodConfig;
import com.alipay.sofa.rpc.config.ProviderConfig;
import com.alipay.sofa.rpc.config.ServerConfig;
import com.alipay.sofa.rpc.core.exception.SofaTimeOutException;
import java.util.List;

/** SOFARPC over Bolt. */
public final class Main extends Peer {
  public static void main(String[] args) throws Exception {
    new Main().run(args);
  }

  @Override
  protected void serve(int port) {
    ServerConfig server =
        new ServerConfig()
            .setProtocol("bolt")
            .setHost("127.0.0.1")
            .setPort(port)
            .setQueues(2000)
            .setDaemon(false);
    new ProviderConfig<Echo>()
        .setInterfaceId(Echo.class.getName())
        .setRef(new EchoService())
        .setServer(server)
        .setRegister(false)
        .export();
  }

  @Override
  protected Client connect(String host, int port) {
    MethodConfig fire = new MethodConfig().setName("fire").setInvokeType(RpcConstants.INVOKER_TYPE_ONEWAY);
    MethodConfig sleep = new MethodConfig().setName("sleep").setTimeout(Cases.SHORT_MS);
    Echo echo =
        new ConsumerConfig<Echo>()
            .setInterfaceId(Echo.class.getName())
            .setProtocol("bolt")
            .setDirectUrl("bolt://" + host + ":" + port)
            .setRegister(false)
            .setTimeout(Cases.LONG_MS)
            .setMethods(List.of(fire, sleep))
            .refer();
    return new Client() {
      @Override
      public Echo echo() {
        return echo;
      }

      @Override
      public boolean isTimeout(Throwable error) {
        return error instanceof SofaTimeOutException;
      }
    };
  }
}
