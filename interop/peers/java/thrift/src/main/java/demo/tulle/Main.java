package demo.tulle;

import java.net.InetSocketAddress;
import java.util.Arrays;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.server.TThreadedSelectorServer;
import org.apache.thrift.transport.TNonblockingServerSocket;
import org.apache.thrift.transport.layered.TFramedTransport;

/** Apache Thrift, framed: {@code binary} or {@code compact}. */
public final class Main extends Peer {
  private final TProtocolFactory protocol;

  public static void main(String[] args) throws Exception {
    new Main(args[0]).run(Arrays.copyOfRange(args, 1, args.length));
  }

  private Main(String mode) {
    protocol =
        switch (mode) {
          case "binary" -> new TBinaryProtocol.Factory();
          case "compact" -> new TCompactProtocol.Factory();
          default -> throw new IllegalArgumentException("no mode " + mode);
        };
  }

  @Override
  protected void serve(int port) throws Exception {
    TNonblockingServerSocket socket =
        new TNonblockingServerSocket(new InetSocketAddress("127.0.0.1", port));
    TThreadedSelectorServer server =
        new TThreadedSelectorServer(
            new TThreadedSelectorServer.Args(socket)
                .processor(Processor.of(new EchoService()))
                .protocolFactory(protocol)
                .transportFactory(new TFramedTransport.Factory())
                .workerThreads(64));
    new Thread(server::serve, "server").start();
    while (!server.isServing()) Thread.sleep(5);
  }

  @Override
  protected Client connect(String host, int port) {
    return new ThriftClient(new Connections(host, port, protocol));
  }
}
