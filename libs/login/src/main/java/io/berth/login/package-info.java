/**
 * Logging in by name and password, whatever service it is to: hashes, and a limit of wrong guesses. Who has an account, and what a refusal
 * looks like, is the service's own.
 */
@NullMarked
package io.berth.login;

import org.jspecify.annotations.NullMarked;
