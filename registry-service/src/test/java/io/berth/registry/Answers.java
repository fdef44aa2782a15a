package io.berth.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.registry.TestRegistry.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What tests say about answers of a registry. */
final class Answers {
    private static final Pattern NEXT = Pattern.compile("<(.*)>; rel=\"next\"");

    private Answers() {}

    /** That a request was refused with a body of the specification's form ("Error Codes"). */
    static void assertRefused(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        JsonNode errors = json(answer).path("errors");
        assertThat(errors).as(answer.text()).isNotEmpty();
        for (JsonNode error : errors) {
            assertThat(error.path("code").asString()).matches("[A-Z_]+");
            assertThat(error.path("message").asString()).isNotEmpty();
        }
        assertThat(errors.get(0).path("code").asString()).as(answer.text()).isEqualTo(code);
    }

    static JsonNode json(Answer answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    /** Path of the next page, or null on the last one. */
    static @Nullable String next(Answer page) {
        Matcher link = NEXT.matcher(page.header("Link"));
        return link.matches() ? link.group(1) : null;
    }

    /** The pages of a list, by following its links. */
    static List<JsonNode> pages(TestRegistry registry, String path) {
        List<JsonNode> pages = new ArrayList<>();
        for (@Nullable String next = path; next != null; ) {
            Answer page = registry.get(next);
            assertThat(page.status()).as(page.text()).isEqualTo(200);
            pages.add(json(page));
            next = next(page);
        }
        return pages;
    }

    static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(entry -> texts.add(entry.asString()));
        return texts;
    }
}
