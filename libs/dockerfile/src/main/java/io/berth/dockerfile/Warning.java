package io.berth.dockerfile;

/**
 * What a check found.
 *
 * @param message about this case
 * @param lines where
 */
public record Warning(Check check, String message, Lines lines) {}
