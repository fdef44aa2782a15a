package io.berth.engine.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.dns.ClientMessage.Edns;
import io.berth.engine.network.dns.ClientMessage.Ignored;
import io.berth.engine.network.dns.ClientMessage.Query;
import io.berth.engine.network.dns.ClientMessage.Rejected;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientMessageTest {
    private static final int NOT_ANSWER = 0x7fff;

    private static Query query(ByteBuffer message) {
        return (Query) ClientMessage.parse(message);
    }

    private static Rcode rejected(ByteBuffer message) {
        return ((Rejected) ClientMessage.parse(message)).rcode();
    }

    @Test
    void readsAQuestion() {
        ByteBuffer message = Messages.query(0xabcd, "Web.BackEnd", Messages.AAAA);
        Query query = query(message);
        assertThat(query).isEqualTo(new Query(0xabcd, 0x100, "web.backend", Messages.AAAA, 1, message.limit(), null));
        assertThat(query.datagramLimit()).isEqualTo(512);
        assertThat(query(Messages.query(1, "", 2)).name()).isEmpty();
    }

    @Test
    void readsAnOptRecord() {
        assertThat(query(Messages.query(1, "web", 1, 4096)).edns()).isEqualTo(new Edns(4096, 0, false));
        assertThat(query(Messages.query(1, "web", 1, 4096)).datagramLimit()).isEqualTo(4096);
        assertThat(query(Messages.query(1, "web", 1, 100)).datagramLimit())
                .as("less than anybody takes")
                .isEqualTo(512);
        assertThat(query(Messages.query(1, "web", 1, 65535)).datagramLimit())
                .as("more than a datagram holds")
                .isEqualTo(65507);
    }

    @Test
    void bytesThatAreNoLettersAreEscaped() {
        ByteBuffer message = Messages.query(1, "a!b.c", 1);
        message.put(14, (byte) '.');
        assertThat(query(message).name()).isEqualTo("a\\046b.c");
        message.put(14, (byte) 0xe9);
        assertThat(query(message).name()).isEqualTo("a\\233b.c");
    }

    @Test
    void refusesWhatIsNoQuery() {
        ByteBuffer message = Messages.query(1, "web", 1);
        assertThat(rejected(message.duplicate().putShort(2, (short) 0x2800))).isEqualTo(Rcode.NOT_IMPLEMENTED);
        message = Messages.query(1, "web", 1);
        assertThat(rejected(message.duplicate().putShort(4, (short) 2))).isEqualTo(Rcode.FORMAT_ERROR);
        assertThat(rejected(message.duplicate().putShort(4, (short) 0))).isEqualTo(Rcode.FORMAT_ERROR);
        assertThat(ClientMessage.parse(Messages.query(1, "web", 1).putShort(2, (short) 0x8180)))
                .isInstanceOf(Ignored.class);
        assertThat(ClientMessage.parse(ByteBuffer.allocate(11))).isInstanceOf(Ignored.class);
    }

    @Test
    void refusesMalformedNamesAndRecords() {
        ByteBuffer message = Messages.query(1, "web", 1);
        assertThat(rejected(message.duplicate().put(12, (byte) 0xc0)))
                .as("a pointer")
                .isEqualTo(Rcode.FORMAT_ERROR);
        message = Messages.query(1, "web", 1);
        assertThat(rejected(message.duplicate().put(12, (byte) 64)))
                .as("a long label")
                .isEqualTo(Rcode.FORMAT_ERROR);
        assertThat(rejected(Messages.query(1, "web", 1).limit(20)))
                .as("cut off")
                .isEqualTo(Rcode.FORMAT_ERROR);
        assertThat(rejected(Messages.query(1, "web", 1).putShort(10, (short) 1)))
                .as("a record that is not there")
                .isEqualTo(Rcode.FORMAT_ERROR);
        ByteBuffer options = Messages.query(1, "web", 1, 4096);
        assertThat(rejected(options.duplicate().putShort(options.limit() - 2, (short) 1)))
                .as("data that is not there")
                .isEqualTo(Rcode.FORMAT_ERROR);
    }

    @Test
    void refusesASecondOptRecord() {
        ByteBuffer one = Messages.query(1, "web", 1, 4096);
        ByteBuffer two = ByteBuffer.allocate(100);
        two.put(one).put(one.slice(one.limit() - 11, 11)).flip().putShort(10, (short) 2);
        assertThat(rejected(two)).isEqualTo(Rcode.FORMAT_ERROR);
    }

    @Test
    void refusesANameThatIsTooLong() {
        String label = "a".repeat(63) + ".";
        assertThat(query(Messages.query(1, label.repeat(3) + "b".repeat(61), 1)).name())
                .hasSize(253);
        assertThat(rejected(Messages.query(1, label.repeat(3) + "b".repeat(62), 1)))
                .isEqualTo(Rcode.FORMAT_ERROR);
    }

    @Test
    void endsWhateverItIsGiven() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes;
            if (i % 2 == 0) {
                bytes = new byte[random.nextInt(80)];
                random.nextBytes(bytes);
            } else {
                ByteBuffer query = Messages.query(i, "web.backend", 1, 1232);
                bytes = new byte[query.limit()];
                query.get(bytes);
                for (int flips = random.nextInt(4); flips >= 0; flips--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
            }
            if (bytes.length > 2) {
                bytes[2] &= (byte) (NOT_ANSWER >> 8);
            }
            ByteBuffer message = ByteBuffer.wrap(bytes);
            ClientMessage parsed;
            try {
                parsed = ClientMessage.parse(message);
                if (parsed instanceof Query query) {
                    Responses.failure(query, message, Rcode.REFUSED, ByteBuffer.allocate(512));
                }
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", message " + i, e);
            }
            assertThat(parsed instanceof Ignored).isEqualTo(bytes.length < 12);
        }
    }
}
