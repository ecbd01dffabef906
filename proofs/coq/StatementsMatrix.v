(** The pinned statements about matrices: this file and DefinitionsMatrix.v are what a referee
    reads.

    Each theorem is restated in full, proved by [exact], and followed by its axioms (none).
    They hold over every ordered field R with decidable order.  "c is an upper bound of the
    Rayleigh quotient of f" stands for c >= lambda_max(f).

    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018,
    Lemmas 1 and 2. *)

Set Warnings "-notation-overridden,-ambiguous-paths".
From mathcomp Require Import all_ssreflect all_algebra.
From Symgd Require Import DefinitionsMatrix.
From Symgd Require Lem12.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** ** Lemma 1 *)

Theorem pin_lem1_trace : forall (R : realFieldType) (n : nat) (A B : 'M[R]_n),
  psd A -> psd B -> 0 <= \tr (A *m B).
Proof. exact Lem12.lem1_trace. Qed.
Print Assumptions pin_lem1_trace.

(** ** Lemma 2: f(X) = sum_i A_i X B_i *)

(** f is symmetric for <X, Y> = tr(X^T Y) ... *)
Theorem pin_lem2_symmetric : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (X Y : 'M[R]_(m, n)),
  (forall i, symmetric (A i)) -> (forall i, symmetric (B i)) ->
  inner X (sandwich A B Y) = inner (sandwich A B X) Y.
Proof. exact Lem12.lem2_symmetric. Qed.
Print Assumptions pin_lem2_symmetric.

(** ... and positive semidefinite. *)
Theorem pin_lem2_psd : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (X : 'M[R]_(m, n)),
  (forall i, psd (A i)) -> (forall i, psd (B i)) -> 0 <= inner X (sandwich A B X).
Proof. exact Lem12.lem2_psd. Qed.
Print Assumptions pin_lem2_psd.

(** Its quadratic form at X = u v^T. *)
Theorem pin_lem2_rayleigh : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (u : 'cV[R]_m) (v : 'cV[R]_n),
  inner (u *m v^T) (sandwich A B (u *m v^T)) = \sum_i form (A i) u * form (B i) v.
Proof. exact Lem12.lem2_rayleigh. Qed.
Print Assumptions pin_lem2_rayleigh.

(** Every upper bound c of the Rayleigh quotient obeys the bound of Lemma 2; no hypothesis on
    A_i, B_i is needed. *)
Theorem pin_lem2_bound : forall (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (c : R) (u : 'cV[R]_m) (v : 'cV[R]_n),
  (forall X : 'M[R]_(m, n), inner X (sandwich A B X) <= c * inner X X) ->
  u != 0 -> v != 0 ->
  (\sum_i form (A i) u * form (B i) v) / (norm2 u * norm2 v) <= c.
Proof. exact Lem12.lem2_bound. Qed.
Print Assumptions pin_lem2_bound.

(** The case that Theorem 1 uses: P_i = W_{L:i+1}, Q_i = W_{i-1:1}. *)
Theorem pin_lem2_thm1 : forall (R : realFieldType) (m n r : nat) (p q : 'I_r -> nat)
    (P : forall i, 'M[R]_(m, p i)) (Q : forall i, 'M[R]_(q i, n))
    (c : R) (u : 'cV[R]_m) (v : 'cV[R]_n),
  (forall X : 'M[R]_(m, n),
     inner X (sandwich (fun i => P i *m (P i)^T) (fun i => (Q i)^T *m Q i) X)
     <= c * inner X X) ->
  norm2 u = 1 -> norm2 v = 1 ->
  \sum_i norm2 ((P i)^T *m u) * norm2 (Q i *m v) <= c.
Proof. exact Lem12.lem2_thm1. Qed.
Print Assumptions pin_lem2_thm1.
