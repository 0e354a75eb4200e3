package demo.tulle;

import com.weibo.api.motan.proxy.CommonClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The service by the names of its methods, with an order as a map. */
final class SimpleEcho implements Echo {
  private final CommonClient motan;

  SimpleEcho(CommonClient motan) {
    this.motan = motan;
  }

  @Override
  public String echo(String text) {
    return call("echo", String.class, text);
  }

  @Override
  public Order nested(Order order) {
    return fromMap(call("nested", Map.class, toMap(order)));
  }

  @Override
  public String fail(String why) {
    return call("fail", String.class, why);
  }

  @Override
  public String nothing() {
    return call("nothing", String.class);
  }

  @Override
  public void fire(String text) {
    call("fire", Object.class, text);
  }

  @Override
  public int fired() {
    return call("fired", Integer.class);
  }

  @Override
  public String sleep(int ms) {
    return call("sleep", String.class, ms);
  }

  private <T> T call(String method, Class<T> type, Object... arguments) {
    try {
      return type.cast(motan.call(method, arguments, type));
    } catch (RuntimeException | Error error) {
      throw error;
    } catch (Throwable error) {
      throw new IllegalStateException(error);
    }
  }

  private static Map<String, Object> toMap(Order order) {
    List<Map<String, Object>> items = new ArrayList<>();
    for (Item item : order.getItems()) items.add(Map.of("sku", item.getSku(), "count", item.getCount()));
    Map<String, Object> map = new HashMap<>();
    map.put("id", order.getId());
    map.put("items", items);
    map.put("note", order.getNote());
    return map;
  }

  private static Order fromMap(Map<?, ?> map) {
    List<Item> items = new ArrayList<>();
    for (Object each : (List<?>) map.get("items")) {
      Map<?, ?> item = (Map<?, ?>) each;
      items.add(new Item((String) item.get("sku"), (Integer) item.get("count")));
    }
    return new Order((String) map.get("id"), items, (String) map.get("note"));
  }
}
