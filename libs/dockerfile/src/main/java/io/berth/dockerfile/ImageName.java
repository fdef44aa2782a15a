package io.berth.dockerfile;

import java.util.regex.Pattern;

/** The grammar of image names (distribution/reference), for checks only. */
final class ImageName {
    private static final int MAX_LENGTH = 512;
    private static final String LABEL = "[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+";
    private static final String HOST = "(?:" + LABEL + "(?:\\." + LABEL + ")*+|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
    private static final String COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*+";
    private static final Pattern NAME = Pattern.compile("(?:" + HOST + "/)?" + COMPONENT + "(?:/" + COMPONENT + ")*+"
            + "(?::\\w[\\w.-]{0,127})?"
            + "(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*+:[0-9a-fA-F]{32,})?");
    private static final Pattern ID = Pattern.compile("[a-f0-9]{64}");

    private ImageName() {}

    static boolean isValid(String name) {
        return name.length() <= MAX_LENGTH
                && NAME.matcher(name).matches()
                && !ID.matcher(name).matches();
    }
}
