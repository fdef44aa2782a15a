package io.berth.image.build.web;

import io.berth.docker.Decimal;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.BuildPruneReport;
import io.berth.dockerserver.filter.Filters;
import io.berth.image.cache.PruneBuildCache;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class BuildPruneController {
    private static final Set<String> FILTERS = Set.of(
            "until",
            "id",
            "parent",
            "type",
            "description",
            "inuse",
            "shared",
            "private",
            "unused-for",
            "label",
            "label!");

    private final PruneBuildCache prune;

    BuildPruneController(PruneBuildCache prune) {
        this.prune = prune;
    }

    /** {@code POST /build/prune} (Engine API, BuildPrune). */
    @PostMapping("/build/prune")
    BuildPruneReport prune(
            @RequestParam(name = "all", defaultValue = "false") String all,
            @RequestParam(name = "keep-storage", defaultValue = "0") String keepStorage,
            @RequestParam(name = "reserved-space", defaultValue = "0") String reservedSpace,
            @RequestParam(name = "filters", required = false) @Nullable String filters) {
        boolean everything = all.equals("1") || all.equalsIgnoreCase("true");
        long kept = Math.max(bytes("keep-storage", keepStorage), bytes("reserved-space", reservedSpace));
        Filters wanted = Filters.parse(filters);
        try {
            return prune.prune(everything, kept, wanted.acceptOnly(FILTERS));
        } catch (InvalidParameter e) {
            throw new InvalidParameter("failed to prune build cache: " + e.text(), e);
        }
    }

    private static long bytes(String name, String text) {
        try {
            return Decimal.parseLong(text);
        } catch (NumberFormatException e) {
            throw new InvalidParameter(
                    name + " is in bytes and expects an integer, got " + text + ": strconv.Atoi: parsing \"" + text
                            + "\": invalid syntax",
                    e);
        }
    }
}
