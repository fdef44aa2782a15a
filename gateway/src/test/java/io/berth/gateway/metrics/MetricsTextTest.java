package io.berth.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTextTest {
    @Test
    void joinsFamiliesOfSeveralServicesAndNamesTheService() {
        MetricsText text = new MetricsText();
        text.add("engine", """
                # HELP jvm_threads Threads.
                # TYPE jvm_threads gauge
                jvm_threads 7.0
                # HELP call_seconds
                # TYPE call_seconds histogram
                call_seconds_bucket{path="/a b{c}",le="0.1"} 1
                call_seconds_count{path="/a b{c}"} 1
                """);
        text.add("image", """
                # HELP jvm_threads Threads.
                # TYPE jvm_threads gauge
                jvm_threads{} 9.0
                # TYPE only_image counter
                only_image 1 1700000000000
                """);
        assertThat(text).hasToString("""
                # HELP jvm_threads Threads.
                # TYPE jvm_threads gauge
                jvm_threads{service="engine"} 7.0
                jvm_threads{service="image"} 9.0
                # HELP call_seconds
                # TYPE call_seconds histogram
                call_seconds_bucket{service="engine",path="/a b{c}",le="0.1"} 1
                call_seconds_count{service="engine",path="/a b{c}"} 1
                # TYPE only_image counter
                only_image{service="image"} 1 1700000000000
                """);
    }

    @Test
    void namesThatSomebodyElseChoseCannotForgeSamples() {
        MetricsText text = new MetricsText();
        text.declare("used", "gauge", "What is used.");
        text.sample("used", 1.5, "name", "a\"} 9\nforged{x=\"\\");
        assertThat(text).hasToString("""
                # HELP used What is used.
                # TYPE used gauge
                used{name="a\\"} 9\\nforged{x=\\"\\\\"} 1.5
                """);
    }
}
