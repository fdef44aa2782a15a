package io.berth.registry.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.pattern.LinearPattern;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.retention.RetentionRules.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RetentionRulesTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final RepositoryName APP = new RepositoryName("team/app");

    private static RetentionProperties.Rule rule(
            String prefix, String tags, int keep, @Nullable Duration pushed, @Nullable Duration pulled) {
        return new RetentionProperties.Rule(prefix, LinearPattern.of(tags), keep, pushed, pulled);
    }

    private static Tag tag(String name, int daysOld) {
        return tag(name, daysOld, -1);
    }

    private static Tag tag(String name, int daysOld, int pulledDaysAgo) {
        return new Tag(
                name,
                "sha256:" + "0".repeat(64),
                NOW.minus(Duration.ofDays(daysOld)),
                pulledDaysAgo < 0 ? null : NOW.minus(Duration.ofDays(pulledDaysAgo)));
    }

    private static List<String> unkept(List<RetentionProperties.Rule> rules, Tag... tags) {
        return new RetentionRules(rules)
                .unkept(APP, Arrays.asList(tags), NOW).stream().map(Tag::name).toList();
    }

    @Test
    void keepsTheLastOnesThatMatch() {
        List<RetentionProperties.Rule> rules = List.of(rule("team", "pr-.*", 2, null, null));
        assertThat(unkept(rules, tag("pr-1", 9), tag("pr-2", 5), tag("pr-3", 1), tag("v1", 99)))
                .containsExactly("pr-1");
    }

    @Test
    void keepsWhatWasPushedOrPulledLately() {
        List<RetentionProperties.Rule> rules = List.of(rule("", ".*", 0, Duration.ofDays(7), Duration.ofDays(30)));
        assertThat(unkept(rules, tag("new", 1), tag("used", 90, 3), tag("unused", 90, 31), tag("never", 90)))
                .containsExactlyInAnyOrder("unused", "never");
    }

    @Test
    void theMostParticularRuleCountsAlone() {
        List<RetentionProperties.Rule> rules =
                List.of(rule("", ".*", 1, null, null), rule("team/app", ".*", 3, null, null));
        assertThat(unkept(rules, tag("a", 3), tag("b", 2), tag("c", 1))).isEmpty();
    }

    @Test
    void leavesAloneWhatNoRuleIsAbout() {
        List<RetentionProperties.Rule> rules = List.of(rule("team/other", ".*", 1, null, null));
        assertThat(unkept(rules, tag("a", 300), tag("b", 200))).isEmpty();
        assertThat(new RetentionRules(rules).areAbout(APP)).isFalse();
    }

    @Test
    void pushesAtTheSameInstantAreOrderedByName() {
        List<RetentionProperties.Rule> rules = List.of(rule("", ".*", 1, null, null));
        assertThat(unkept(rules, tag("a", 1), tag("b", 1))).containsExactly("a");
        assertThat(unkept(rules, tag("b", 1), tag("a", 1))).containsExactly("a");
    }

    private static RetentionProperties bind(Map<String, String> settings) {
        Map<String, String> full = new HashMap<>();
        settings.forEach((key, value) -> full.put("berth.registry.retention." + key, value));
        return new Binder(new MapConfigurationPropertySource(full))
                .bindOrCreate("berth.registry.retention", RetentionProperties.class);
    }

    @Test
    void keepsEverythingByDefault() {
        RetentionProperties properties = bind(Map.of());
        assertThat(properties.rules()).isEmpty();
        assertThat(properties.delay()).isEqualTo(Duration.ofHours(24));
        assertThat(properties.interval()).isEqualTo(Duration.ofHours(1));
        assertThat(properties.dryRun()).isFalse();
    }

    @Test
    void readsEachSettingAndRefusesRulesThatKeepNothing() {
        RetentionProperties.Rule rule = bind(Map.of(
                        "rules[0].prefix", "team",
                        "rules[0].tags", "pr-.*",
                        "rules[0].keep", "3",
                        "rules[0].pushed-within", "7d",
                        "rules[0].pulled-within", "30d",
                        "dry-run", "true"))
                .rules()
                .getFirst();
        assertThat(rule.keep()).isEqualTo(3);
        assertThat(rule.pushedWithin()).isEqualTo(Duration.ofDays(7));
        assertThat(rule.pulledWithin()).isEqualTo(Duration.ofDays(30));
        assertThatThrownBy(() -> bind(Map.of("rules[0].prefix", "team")))
                .rootCause()
                .hasMessageContaining("nothing would stay");
        assertThatThrownBy(() -> bind(Map.of("delay", "-1s"))).rootCause().hasMessageContaining(">= 0");
        assertThatThrownBy(() -> bind(Map.of("interval", "0s"))).rootCause().hasMessageContaining("> 0");
    }
}
