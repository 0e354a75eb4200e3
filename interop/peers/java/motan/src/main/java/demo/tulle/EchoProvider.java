package demo.tulle;

import com.weibo.api.motan.rpc.DefaultProvider;
import com.weibo.api.motan.rpc.URL;
import java.lang.reflect.Method;
import java.util.Map;

/** The service, with an order also as a map: the simple serialization has no classes. */
final class EchoProvider extends DefaultProvider<Echo> {
  private static final Method NESTED = nested();

  EchoProvider(URL url) {
    super(new Service(), url, Echo.class);
  }

  @Override
  public Method lookupMethod(String name, String parameters) {
    boolean map = name.equals("nested") && !Order.class.getName().equals(parameters);
    return map ? NESTED : super.lookupMethod(name, parameters);
  }

  private static Method nested() {
    try {
      return Service.class.getMethod("nested", Map.class);
    } catch (NoSuchMethodException error) {
      throw new IllegalStateException(error);
    }
  }

  /** Public, as reflection wants it. */
  public static final class Service extends EchoService {
    public Map<String, Object> nested(Map<String, Object> order) {
      return order;
    }
  }
}
