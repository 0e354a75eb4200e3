package demo.tulle;

import com.qq.tars.client.Communicator;
import com.qq.tars.client.CommunicatorConfig;
import com.qq.tars.client.CommunicatorFactory;
import com.qq.tars.client.ServantProxyConfig;
import com.qq.tars.rpc.exc.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The service as the library calls it. A time-out is a proxy's: there is one for what may take long, and one for sleep.
 */
final class TarsClient implements Client, Echo {
  private final Communicator communicator =
      CommunicatorFactory.getInstance().getCommunicator(new CommunicatorConfig());
  private final TarsEcho patient;
  private final TarsEcho impatient;
  private final AtomicBoolean slept = new AtomicBoolean();

  TarsClient(String host, int port) {
    patient = proxy(host, port, Cases.LONG_MS);
    impatient = proxy(host, port, Cases.SHORT_MS);
  }

  private TarsEcho proxy(String host, int port, int timeoutMs) {
    String name = Main.SERVANT + "@tcp -h " + host + " -p " + port + " -t " + timeoutMs;
    ServantProxyConfig config = new ServantProxyConfig(name);
    config.setSyncTimeout(timeoutMs);
    return communicator.stringToProxy(TarsEcho.class, config);
  }

  @Override
  public Echo echo() {
    return this;
  }

  @Override
  public boolean isTimeout(Throwable error) {
    return Cases.among(error, TimeoutException.class);
  }

  @Override
  public String cannot(String name) {
    return name.equals("null") ? "Tars has no null result" : null;
  }

  /** Over the connections of sleep when that was the last call. */
  @Override
  public String echo(String text) {
    return (slept.getAndSet(false) ? impatient : patient).echo(text);
  }

  @Override
  public Order nested(Order order) {
    return patient.nested(TarsOrder.of(order)).order();
  }

  @Override
  public String fail(String why) {
    return patient.fail(why);
  }

  @Override
  public String nothing() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void fire(String text) {
    patient.async_fire(null, text);
  }

  @Override
  public int fired() {
    return patient.fired();
  }

  @Override
  public String sleep(int ms) {
    slept.set(true);
    return impatient.sleep(ms);
  }
}
