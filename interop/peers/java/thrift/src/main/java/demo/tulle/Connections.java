package demo.tulle;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.TException;
import org.apache.thrift.TServiceClient;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.layered.TFramedTransport;

/** A pool: a connection has one call at a time. */
final class Connections {
  private static final int COUNT = 32;

  private final String host;
  private final int port;
  private final TProtocolFactory protocol;
  private final BlockingQueue<Connection> free = new ArrayBlockingQueue<>(COUNT);

  Connections(String host, int port, TProtocolFactory protocol) {
    this.host = host;
    this.port = port;
    this.protocol = protocol;
    for (int i = 0; i < COUNT; i++) free.add(new Connection());
  }

  /** Calls by a free connection, and gives the result, whose shape is null for a call that goes one-way. */
  Struct call(String method, Struct arguments, Shape result, int timeoutMs) throws TException {
    Connection connection = take();
    try {
      return connection.call(method, arguments, result, timeoutMs);
    } finally {
      free.add(connection);
    }
  }

  private Connection take() {
    try {
      return free.take();
    } catch (InterruptedException error) {
      throw new IllegalStateException(error);
    }
  }

  /** Opens when it is first called, and again after a call that failed. */
  private final class Connection {
    private TSocket socket;
    private ThriftCalls calls;

    Struct call(String method, Struct arguments, Shape result, int timeoutMs) throws TException {
      if (calls == null) open();
      socket.setTimeout(timeoutMs);
      try {
        return calls.call(method, arguments, result);
      } catch (TException error) {
        socket.close();
        calls = null;
        throw error;
      }
    }

    private void open() throws TException {
      socket = new TSocket(new TConfiguration(), host, port, Cases.LONG_MS);
      socket.open();
      calls = new ThriftCalls(protocol.getProtocol(new TFramedTransport(socket)));
    }
  }

  /** What a generated client does. */
  private static final class ThriftCalls extends TServiceClient {
    ThriftCalls(TProtocol protocol) {
      super(protocol);
    }

    Struct call(String method, Struct arguments, Shape shape) throws TException {
      if (shape == null) {
        sendBaseOneway(method, arguments);
        return null;
      }
      sendBase(method, arguments);
      Struct result = new Struct(shape);
      receiveBase(result, method);
      return result;
    }
  }
}
