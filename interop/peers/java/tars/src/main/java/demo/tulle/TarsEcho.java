package demo.tulle;

import com.qq.tars.protocol.annotation.Servant;
import com.qq.tars.protocol.tars.annotation.TarsCallback;

/** The service as the library wants it declared. */
@Servant
public interface TarsEcho {
  String echo(String text);

  TarsOrder nested(TarsOrder order);

  String fail(String why);

  void fire(String text);

  /** {@code fire}, and one-way when the callback is null. */
  void async_fire(@TarsCallback Object callback, String text);

  int fired();

  String sleep(int ms);
}
