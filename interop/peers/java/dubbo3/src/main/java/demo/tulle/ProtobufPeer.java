package demo.tulle;

import tulle.Nothing;
import tulle.Text;

/** Triple with the messages of echo.proto. */
final class ProtobufPeer extends Peer {
  private final Dubbo dubbo;

  ProtobufPeer(Dubbo dubbo) {
    this.dubbo = dubbo;
  }

  @Override
  protected void serve(int port) {
    dubbo.export(tulle.Echo.class, null, new ProtobufService(new EchoService()), port);
  }

  @Override
  protected Client connect(String host, int port) {
    Echo echo = new PlainEcho(dubbo.refer(tulle.Echo.class, null, host, port));
    return new Client() {
      @Override
      public Echo echo() {
        return echo;
      }

      @Override
      public boolean isTimeout(Throwable error) {
        return Dubbo.isTimeout(error);
      }
    };
  }

  /** The service with messages in front of the plain one. */
  private static final class ProtobufService implements tulle.Echo {
    private final Echo echo;

    ProtobufService(Echo echo) {
      this.echo = echo;
    }

    @Override
    public Text echo(Text text) {
      return text(echo.echo(text.getText()));
    }

    @Override
    public tulle.Order nested(tulle.Order order) {
      return Messages.of(echo.nested(Messages.plain(order)));
    }

    @Override
    public Text fail(Text why) {
      return text(echo.fail(why.getText()));
    }

    @Override
    public Text nothing(Nothing nothing) {
      return text(echo.nothing());
    }

    @Override
    public Nothing fire(Text text) {
      echo.fire(text.getText());
      return Nothing.getDefaultInstance();
    }

    @Override
    public tulle.Number fired(Nothing nothing) {
      return tulle.Number.newBuilder().setNumber(echo.fired()).build();
    }

    @Override
    public Text sleep(tulle.Number ms) {
      return text(echo.sleep(ms.getNumber()));
    }
  }

  /** The plain service in front of the one with messages. */
  private static final class PlainEcho implements Echo {
    private final tulle.Echo echo;

    PlainEcho(tulle.Echo echo) {
      this.echo = echo;
    }

    @Override
    public String echo(String text) {
      return echo.echo(text(text)).getText();
    }

    @Override
    public Order nested(Order order) {
      return Messages.plain(echo.nested(Messages.of(order)));
    }

    @Override
    public String fail(String why) {
      return echo.fail(text(why)).getText();
    }

    @Override
    public String nothing() {
      Text text = echo.nothing(Nothing.getDefaultInstance());
      return text.hasText() ? text.getText() : null;
    }

    @Override
    public void fire(String text) {
      echo.fire(text(text));
    }

    @Override
    public int fired() {
      return echo.fired(Nothing.getDefaultInstance()).getNumber();
    }

    @Override
    public String sleep(int ms) {
      return echo.sleep(tulle.Number.newBuilder().setNumber(ms).build()).getText();
    }
  }

  private static Text text(String text) {
    return text == null ? Text.getDefaultInstance() : Text.newBuilder().setText(text).build();
  }
}
