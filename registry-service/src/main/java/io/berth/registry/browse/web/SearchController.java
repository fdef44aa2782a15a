package io.berth.registry.browse.web;

import io.berth.registry.access.Action;
import io.berth.registry.access.Callers;
import io.berth.registry.access.Decision;
import io.berth.registry.access.Permissions;
import io.berth.registry.browse.Browser;
import io.berth.registry.browse.RepositorySummary;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The search of {@code docker search} and {@code podman search}: the first version's index API, which is all that they know. */
@RestController
final class SearchController {
    private static final int MOST = 100;
    private static final int FIRST = 1;
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");
    private static final int PIECE = 1000;

    private final Browser browser;

    SearchController(Browser browser) {
        this.browser = browser;
    }

    /**
     * Repositories whose names have the term in them and that the caller may pull.
     *
     * <pre>{"query": "app", "num_results": 1, "num_pages": 1, "page": 1, "page_size": 25, "results": [{"name": "team/app",
     * "description": "3 tags", "star_count": 0, "is_official": false, "is_automated": false}]}</pre>
     *
     * @param n entries of a page, 1 to 100
     * @param page from 1
     */
    @GetMapping("/v1/search")
    Map<String, Object> search(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "25") String n,
            @RequestParam(defaultValue = "1") String page) {
        Page.requirePrintable("q", q);
        int size = number("n", n, MOST);
        int number = number("page", page, Integer.MAX_VALUE / MOST);
        Found found = visible(q, (long) (number - 1) * size, size);
        long all = found.count();
        List<Map<String, Object>> results = browser.repositories(found.names()).stream()
                .map(SearchController::result)
                .toList();
        return Map.of(
                "query", q,
                "num_results", all,
                "num_pages", (all + size - 1) / size,
                "page", number,
                "page_size", size,
                "results", results);
    }

    /**
     * What the caller may pull.
     *
     * @param count in all
     * @param names on the page
     */
    private record Found(long count, List<String> names) {}

    /** Goes through all that match, a piece at a time: how many pages there are must not tell of what the caller may not see. */
    private Found visible(String part, long offset, int size) {
        Permissions permissions = Callers.current().permissions();
        long count = 0;
        List<String> page = new ArrayList<>();
        List<String> read;
        String last = "";
        do {
            read = browser.names(part, last, PIECE);
            for (String name : read) {
                last = name;
                if (permissions.decide(name, Action.PULL) == Decision.ALLOWED) {
                    if (count >= offset && page.size() < size) {
                        page.add(name);
                    }
                    count++;
                }
            }
        } while (read.size() == PIECE);
        return new Found(count, page);
    }

    private static Map<String, Object> result(RepositorySummary summary) {
        return Map.of(
                "name",
                summary.name(),
                "description",
                summary.tags() + (summary.tags() == 1 ? " tag" : " tags"),
                "star_count",
                0,
                "is_official",
                false,
                "is_automated",
                false);
    }

    private static int number(String parameter, String text, int most) {
        try {
            int number = DIGITS.matcher(text).matches() ? Integer.parseInt(text) : -1;
            if (number >= FIRST) {
                return Math.min(number, most);
            }
        } catch (NumberFormatException e) {
            throw (RegistryException) invalid(parameter).initCause(e);
        }
        throw invalid(parameter);
    }

    private static RegistryException invalid(String parameter) {
        return RegistryException.of(
                400, ErrorCode.UNSUPPORTED, "the parameter " + parameter + " is not a number from 1");
    }
}
