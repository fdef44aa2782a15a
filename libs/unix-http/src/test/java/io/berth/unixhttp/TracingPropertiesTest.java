package io.berth.unixhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

class TracingPropertiesTest {
    @Test
    void withoutASettingThereIsNowhereToSendTo() {
        assertThat(new TracingProperties(null, 1).traces("")).isNull();
        assertThat(new TracingProperties(null, 1).traces(" ")).isNull();
    }

    @Test
    void openTelemetrysOwnSettingCountsUnlessThereIsAnother() {
        assertThat(new TracingProperties(null, 1).traces("http://a:4318"))
                .isEqualTo(URI.create("http://a:4318/v1/traces"));
        assertThat(new TracingProperties(URI.create("https://b/"), 1).traces("http://a:4318"))
                .isEqualTo(URI.create("https://b/v1/traces"));
        assertThat(new TracingProperties(URI.create("http://b/x/v1/traces"), 1).traces(""))
                .isEqualTo(URI.create("http://b/x/v1/traces"));
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        assertThatThrownBy(() -> new TracingProperties(URI.create("ftp://b"), 1))
                .hasMessageContaining("berth.tracing.endpoint");
        assertThatThrownBy(() -> new TracingProperties(null, 1.5)).hasMessageContaining("berth.tracing.sample");
    }
}
