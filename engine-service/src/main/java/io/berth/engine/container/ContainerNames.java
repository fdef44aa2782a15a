package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Names of containers: which are allowed, and some for those who give none. */
final class ContainerNames {
    private static final Pattern ALLOWED = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
    private static final int MAX_LENGTH = 255;
    private static final String[] ADJECTIVES = {
        "able", "amber", "ample", "bold", "brave", "bright", "brisk", "calm", "clear", "clever", "cosmic", "crisp",
                "deft",
        "eager", "early", "epic", "fair", "fleet", "fond", "frosty", "gentle", "glad", "golden", "grand", "happy",
                "hardy",
        "honest", "jolly", "keen", "kind", "lively", "loyal", "lucid", "merry", "mild", "neat", "nimble", "noble",
                "patient",
        "plucky", "polite", "proud", "quick", "quiet", "ready", "rosy", "sharp", "silent", "snug", "solid", "steady",
                "sunny",
        "swift", "tidy", "tranquil", "true", "upbeat", "vivid", "warm", "wise", "witty", "young", "zealous", "zesty"
    };
    private static final String[] SHIPS = {
        "barge",
        "bark",
        "brig",
        "caravel",
        "carrack",
        "catboat",
        "clipper",
        "cog",
        "coracle",
        "corvette",
        "cruiser",
        "currach",
        "cutter",
        "dhow",
        "dinghy",
        "dory",
        "dromond",
        "felucca",
        "ferry",
        "frigate",
        "galleon",
        "galley",
        "gig",
        "gondola",
        "hoy",
        "hulk",
        "jolly",
        "junk",
        "kayak",
        "keelboat",
        "ketch",
        "knarr",
        "launch",
        "lighter",
        "liner",
        "longship",
        "lorcha",
        "lugger",
        "packet",
        "pinnace",
        "pirogue",
        "pram",
        "proa",
        "punt",
        "raft",
        "sampan",
        "schooner",
        "scow",
        "shallop",
        "skiff",
        "sloop",
        "smack",
        "snow",
        "steamer",
        "tender",
        "trawler",
        "trimaran",
        "trireme",
        "tug",
        "umiak",
        "wherry",
        "xebec",
        "yacht",
        "yawl"
    };

    private ContainerNames() {}

    /**
     * Checks a name, with or without its leading slash.
     *
     * @return without the slash
     * @throws InvalidParameter in moby's words
     */
    static String check(String given) {
        String name = given.startsWith("/") ? given.substring(1) : given;
        if (name.length() > MAX_LENGTH || !ALLOWED.matcher(name).matches()) {
            throw new InvalidParameter(
                    "Invalid container name (" + given + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
        return name;
    }

    /** A random name; later attempts get longer ones. */
    static String random(int attempt) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String name = ADJECTIVES[random.nextInt(ADJECTIVES.length)] + "_" + SHIPS[random.nextInt(SHIPS.length)];
        return attempt == 0 ? name : name + random.nextInt(10 * attempt);
    }
}
