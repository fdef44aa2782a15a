package io.berth.engine.network.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.network.dns.ClientMessage.Query;
import io.berth.engine.network.dns.Messages.Answer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LocalAnswersTest {
    private static final int RESPONSE = 0x8180;

    private final TestView view = new TestView(null)
            .with("web", "172.20.0.2", "172.20.0.3", "fd00::2")
            .with("db", "172.20.0.9")
            .with("crowd", crowd());
    private final LocalAnswers answers = new LocalAnswers(view, new Random(1));

    private static String[] crowd() {
        String[] addresses = new String[100];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = "10.0.0." + (i + 1);
        }
        return addresses;
    }

    private Answer ask(ByteBuffer message, int limit) {
        ByteBuffer target = ByteBuffer.allocate(65535);
        assertThat(answers.answer((Query) ClientMessage.parse(message), message, limit, target))
                .as("is known")
                .isTrue();
        assertThat(target.limit()).isLessThanOrEqualTo(limit);
        return Messages.read(target);
    }

    private Answer ask(String name, int type) {
        return ask(Messages.query(7, name, type), 512);
    }

    private boolean isKnown(String name, int type) {
        ByteBuffer message = Messages.query(7, name, type);
        return answers.answer((Query) ClientMessage.parse(message), message, 512, ByteBuffer.allocate(512));
    }

    @Test
    void addressesOfTheFamilyAskedFor() {
        assertThat(ask("db", Messages.A)).isEqualTo(new Answer(7, RESPONSE, List.of("172.20.0.9"), false));
        assertThat(ask("WEB", Messages.AAAA)).isEqualTo(new Answer(7, RESPONSE, List.of("fd00:0:0:0:0:0:0:2"), false));
    }

    @Test
    void anEmptyAnswerForAKnownNameWithoutThatType() {
        var empty = new Answer(7, RESPONSE, List.of(), false);
        assertThat(ask("db", Messages.AAAA)).isEqualTo(empty);
        assertThat(ask("db", Messages.MX)).isEqualTo(empty);
        assertThat(ask("db", Messages.TXT)).isEqualTo(empty);
    }

    @Test
    void noneForUnknownNames() {
        assertThat(isKnown("elsewhere", Messages.A)).isFalse();
        assertThat(isKnown("", 2)).isFalse();
        assertThat(isKnown("1.0.0.10.in-addr.arpa", Messages.PTR)).isFalse();
    }

    @Test
    void theOrderChanges() {
        Map<String, Integer> first = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            Answer answer = ask("web", Messages.A);
            assertThat(answer.records()).containsExactlyInAnyOrder("172.20.0.2", "172.20.0.3");
            first.merge(answer.records().getFirst(), 1, Integer::sum);
        }
        assertThat(first.values()).allSatisfy(count -> assertThat(count).isBetween(400, 600));
    }

    @Test
    void namesOfAddresses() {
        view.named("172.20.0.9", "db.backend");
        assertThat(ask("9.0.20.172.in-addr.arpa", Messages.PTR).records()).containsExactly("db.backend.");
        view.named("172.20.0.9", "x".repeat(64));
        assertThatThrownBy(() -> ask("9.0.20.172.in-addr.arpa", Messages.PTR)).hasMessageContaining("cannot be a name");
        view.named("172.20.0.9", ("x".repeat(62) + ".").repeat(4) + "y");
        assertThat(ask("9.0.20.172.in-addr.arpa", Messages.PTR).records()).hasSize(1);
        view.named("172.20.0.9", ("x".repeat(62) + ".").repeat(4) + "yyy");
        assertThatThrownBy(() -> ask("9.0.20.172.in-addr.arpa", Messages.PTR)).hasMessageContaining("cannot be a name");
    }

    @Test
    void whatDoesNotFitIsTruncated() {
        Answer datagram = ask("crowd", Messages.A);
        assertThat(datagram.truncated()).isTrue();
        assertThat(datagram.records()).hasSize((512 - 12 - 7 - 4) / 16);
        Answer more = ask(Messages.query(7, "crowd", Messages.A, 1232), 1232);
        assertThat(more.truncated()).isTrue();
        assertThat(new TreeSet<>(more.records())).hasSize((1232 - 12 - 7 - 4 - 11) / 16);
        assertThat(more.options()).isTrue();
        Answer stream = ask(Messages.query(7, "crowd", Messages.A), 65535);
        assertThat(stream.truncated()).isFalse();
        assertThat(new TreeSet<>(stream.records())).hasSize(100);
    }

    @Test
    void optionsAreAnsweredWithOptions() {
        assertThat(ask(Messages.query(7, "db", Messages.A, 4096), 512).options())
                .isTrue();
        ByteBuffer later = Messages.query(7, "db", Messages.A, 4096);
        later.put(later.limit() - 5, (byte) 1);
        Answer answer = ask(later, 512);
        assertThat(answer.rcode()).as("the low bits of BADVERS").isZero();
        assertThat(answer.records()).isEmpty();
    }

    @Test
    void theQuestionIsRepeatedAsItWasWritten() {
        ByteBuffer message = Messages.query(7, "wEB", Messages.A);
        ByteBuffer target = ByteBuffer.allocate(512);
        answers.answer((Query) ClientMessage.parse(message), message, 512, target);
        assertThat(target.slice(12, 9)).isEqualTo(message.slice(12, 9));
    }
}
