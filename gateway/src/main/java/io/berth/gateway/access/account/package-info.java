/**
 * Users, tokens, sessions and projects: the gateway's own database and what is in memory of it.
 */
@NullMarked
package io.berth.gateway.access.account;

import org.jspecify.annotations.NullMarked;
