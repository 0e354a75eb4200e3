package demo.tulle;

import java.lang.reflect.Field;
import org.apache.dubbo.common.utils.NetUtils;

/**
 * A consumer puts the address of the first network card in the place of a loopback address it is told to call, and so
 * goes past whoever listens there. Both come from this one field.
 */
final class Loopback {
  private Loopback() {}

  static void pin() throws ReflectiveOperationException {
    Field address = NetUtils.class.getDeclaredField("HOST_ADDRESS");
    address.setAccessible(true);
    address.set(null, "127.0.0.1");
  }
}
