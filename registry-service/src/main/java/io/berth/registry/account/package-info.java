/**
 * Accounts, robots and policies: who there is, and which repositories they may use.
 */
@NullMarked
package io.berth.registry.account;

import org.jspecify.annotations.NullMarked;
