/**
 * Tokens of an identity provider, taken in place of a password.
 */
@NullMarked
package io.berth.registry.oidc;

import org.jspecify.annotations.NullMarked;
