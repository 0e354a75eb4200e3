package demo.tulle;

import com.qq.tars.net.core.IoBuffer;
import com.qq.tars.protocol.util.TarsHelper;
import com.qq.tars.rpc.protocol.tars.TarsCodec;
import com.qq.tars.rpc.protocol.tars.TarsServantRequest;
import com.qq.tars.rpc.protocol.tars.TarsServantResponse;
import com.qq.tars.rpc.protocol.tars.support.AnalystManager;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A thread a connection, and a pool for calls: answers come as they are ready. */
final class TarsServer {
  private static final int THREADS = 64;

  private final TarsCodec codec = new TarsCodec("UTF-8");
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final EchoService service;

  private TarsServer(EchoService service) {
    this.service = service;
  }

  static void listen(int port, EchoService service) throws IOException {
    AnalystManager.getInstance().registry("", TarsEcho.class, Main.SERVANT);
    ServerSocket socket = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
    TarsServer server = new TarsServer(service);
    new Thread(() -> server.accept(socket), "accept").start();
  }

  private void accept(ServerSocket server) {
    try {
      for (; ; ) {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        new Thread(() -> read(socket), "connection").start();
      }
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private void read(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      OutputStream out = socket.getOutputStream();
      for (; ; ) {
        int length = in.readInt();
        if (length < 4 || length > TarsHelper.PACKAGE_MAX_LENGTH) throw new IOException("length " + length);
        ByteBuffer frame = ByteBuffer.allocate(length).putInt(length);
        in.readFully(frame.array(), 4, length - 4);
        threads.execute(() -> answer(frame.array(), out));
      }
    } catch (IOException error) {
      // The client has gone.
    }
  }

  private void answer(byte[] frame, OutputStream out) {
    try {
      TarsServantRequest request = (TarsServantRequest) codec.decodeRequest(IoBuffer.wrap(frame), null);
      codec.decodeRequestBody(request);
      IoBuffer response = codec.encodeResponse(call(request), null);
      if (response == null) return;
      ByteBuffer bytes = response.buf();
      synchronized (out) {
        out.write(bytes.array(), bytes.position(), bytes.remaining());
      }
    } catch (Exception error) {
      error.printStackTrace();
    }
  }

  private TarsServantResponse call(TarsServantRequest request) {
    TarsServantResponse response = new TarsServantResponse(null);
    response.setRequest(request);
    response.setRequestId(request.getRequestId());
    response.setVersion(request.getVersion());
    response.setPacketType(request.getPacketType());
    response.setMessageType(request.getMessageType());
    response.setStatus(request.getStatus());
    response.setContext(request.getContext());
    response.setRet(request.getRet());
    if (request.getRet() != TarsHelper.SERVERSUCCESS) {
      response.setRemark("the request cannot be read");
      return response;
    }
    try {
      response.setResult(run(request.getFunctionName(), request.getMethodParameters()));
    } catch (IllegalStateException error) {
      response.setRet(TarsHelper.SERVERUNKNOWNERR);
      response.setRemark(error.getMessage());
    }
    return response;
  }

  private Object run(String method, Object[] arguments) {
    switch (method) {
      case "echo":
        return service.echo((String) arguments[0]);
      case "nested":
        return TarsOrder.of(service.nested(((TarsOrder) arguments[0]).order()));
      case "fail":
        return service.fail((String) arguments[0]);
      case "fire":
        service.fire((String) arguments[0]);
        return null;
      case "fired":
        return service.fired();
      case "sleep":
        return service.sleep((Integer) arguments[0]);
      default:
        return null;
    }
  }
}
