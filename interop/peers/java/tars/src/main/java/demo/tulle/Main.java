package demo.tulle;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Tars for Java; its server is a loop of sockets around the library's codec. */
public final class Main extends Peer {
  /** What a client asks for. */
  static final String SERVANT = "Tulle.EchoServer.EchoObj";

  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
    new Main().run(args);
  }

  @Override
  protected void serve(int port) throws Exception {
    TarsServer.listen(port, new EchoService());
  }

  @Override
  protected Client connect(String host, int port) {
    return new TarsClient(host, port);
  }
}
