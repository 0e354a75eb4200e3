package demo.tulle;

import com.weibo.api.motan.core.extension.ExtensionLoader;
import com.weibo.api.motan.protocol.support.ProtocolFilterDecorator;
import com.weibo.api.motan.rpc.Protocol;
import com.weibo.api.motan.rpc.URL;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Motan: {@code motan2} with its simple serialization, {@code motan2-hessian2}, or {@code motan1}, which has hessian2.
 */
public final class Main extends Peer {
  static final String GROUP = "tulle";

  private final String mode;

  public static void main(String[] args) throws Exception {
    new Main(args[0]).run(Arrays.copyOfRange(args, 1, args.length));
  }

  private Main(String mode) {
    this.mode = mode;
  }

  /** Answers each client in the version and serialization of its request, whatever the mode is. */
  @Override
  protected void serve(int port) {
    Map<String, String> words = new HashMap<>();
    words.put("group", GROUP);
    words.put("nodeType", "service");
    words.put("maxWorkerThread", "64");
    words.put("workerQueueSize", "2000");
    words.put("providerProtectedStrategy", "none");
    URL url = new URL("motan2", "127.0.0.1", port, Echo.class.getName(), words);
    Protocol protocol = ExtensionLoader.getExtensionLoader(Protocol.class).getExtension("motan2");
    new ProtocolFilterDecorator(protocol).export(new EchoProvider(url), url);
  }

  @Override
  protected Client connect(String host, int port) {
    String address = host + ":" + port;
    return switch (mode) {
      case "motan2" -> MotanClient.simple(address);
      case "motan2-hessian2" -> MotanClient.hessian2("motan2", address);
      case "motan1" -> MotanClient.hessian2("motan", address);
      default -> throw new IllegalArgumentException("no mode " + mode);
    };
  }
}
