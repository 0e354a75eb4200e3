package demo.tulle;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.thrift.ProcessFunction;
import org.apache.thrift.TBase;
import org.apache.thrift.TBaseProcessor;
import org.apache.thrift.TProcessor;

/** What a server does with each method of echo.thrift. */
final class Processor {
  @SuppressWarnings("rawtypes") // As the library has it.
  private final Map<String, ProcessFunction<Echo, ? extends TBase>> methods = new HashMap<>();

  private Processor() {}

  static TProcessor of(Echo service) {
    Processor it = new Processor();
    it.method("echo", Shape.TEXT, (echo, in) -> text(echo.echo(in.get(1))));
    it.method(
        "nested",
        Shape.ORDER_ARGUMENT,
        (echo, in) -> {
          Order back = echo.nested(Orders.fromStruct(in.get(1)));
          return new Struct(Shape.ORDER_RESULT).with(0, Orders.toStruct(back));
        });
    it.method("fail", Shape.TEXT, Processor::fail);
    it.add(
        "fire",
        Shape.TEXT,
        true,
        (echo, in) -> {
          echo.fire(in.get(1));
          return null;
        });
    it.method("fired", Shape.NOTHING, (echo, in) -> new Struct(Shape.NUMBER_RESULT).with(0, echo.fired()));
    it.method("sleep", Shape.NUMBER, (echo, in) -> text(echo.sleep(in.get(1))));
    return new TBaseProcessor<>(service, it.methods) {};
  }

  private static Struct fail(Echo echo, Struct in) {
    try {
      return new Struct(Shape.FAIL_RESULT).with(0, echo.fail(in.get(1)));
    } catch (IllegalStateException error) {
      Struct failure = new Struct(Shape.FAILURE).with(1, error.getMessage());
      return new Struct(Shape.FAIL_RESULT).with(1, failure);
    }
  }

  private static Struct text(String text) {
    return new Struct(Shape.TEXT_RESULT).with(0, text);
  }

  private void method(String name, Shape arguments, BiFunction<Echo, Struct, Struct> run) {
    add(name, arguments, false, run);
  }

  private void add(
      String name, Shape arguments, boolean oneway, BiFunction<Echo, Struct, Struct> run) {
    ProcessFunction<Echo, Struct> function =
        new ProcessFunction<>(name) {
          @Override
          protected boolean isOneway() {
            return oneway;
          }

          @Override
          protected boolean rethrowUnhandledExceptions() {
            return false;
          }

          @Override
          public Struct getResult(Echo echo, Struct in) {
            return run.apply(echo, in);
          }

          @Override
          public Struct getEmptyArgsInstance() {
            return new Struct(arguments);
          }
        };
    methods.put(name, function);
  }
}
